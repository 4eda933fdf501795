"""The small encoder with the weights that come along, trained on faces that the workbook draws."""

from helpers import storage, weights
from helpers.faces import encoders

PICTURE_SHAPE = (64, 64, 3)
WEIGHTS_FILE = "small_face_encoder.weights.h5"


def load_small_encoder():
    """Load the small encoder with the weights that come with the workbook.

    They know drawn faces, and no others. The people were drawn from seeds that `load_faces` does
    not use: to the encoder, all people of the drawn faces are unknown.

    Returns
    -------
    encoder : keras.Model
        `encoders.small_encoder` for uint8 pictures of shape (batch, 64, 64, 3), RGB in 0 to 255;
        embeddings of shape (batch, 128), of unit length.

    Raises
    ------
    ValueError
        If the file of weights is missing or broken.
    """
    encoder = encoders.small_encoder(PICTURE_SHAPE)
    weights.load(encoder, storage.data_file(WEIGHTS_FILE))
    return encoder
