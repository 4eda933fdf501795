"""Read pictures with some layers of a network that knows its own preprocessing.

Callers pass RGB pictures in 0 to 255; what a network turns them into is its own affair.
"""

import dataclasses
import typing

import keras

from helpers import images


@dataclasses.dataclass(frozen=True, eq=False)
class Extractor:
    """A convolutional network, and what one must know to read pictures with it.

    Parameters
    ----------
    network : keras.Model
        From prepared pictures (batch, height, width, 3) of any size to its last maps.
    preprocess : callable
        From RGB float tensors (batch, height, width, 3) in 0 to 255 to what `network` takes.
    layer_names : tuple of str
        The layers that may be asked for, from the picture on.
    content_layers, style_layers : tuple of str
        Those that `transfer` reads if it is told no others.
    smallest_side : int
        Of a picture, in pixels; on smaller ones some layer's map has no pixel left.
    source : str
        Which weights it has, in words.
    """

    network: keras.Model = dataclasses.field(repr=False)
    preprocess: typing.Callable = dataclasses.field(repr=False)
    layer_names: tuple = dataclasses.field(repr=False)
    content_layers: tuple
    style_layers: tuple
    smallest_side: int
    source: str

    def describe(self):
        """Say in one line which network this is, and which weights it has."""
        parameters = f"{self.network.count_params():,} parameters"
        return f"{self.network.name}, {parameters}, {self.source}"

    def check_layers(self, names):
        """Refuse names of layers that the network does not have.

        Raises
        ------
        ValueError
            The message lists those it has.
        """
        unknown = [name for name in names if name not in self.layer_names]
        if unknown or not names:
            raise ValueError(
                f"expected layers of {self.network.name}, got "
                f"{', '.join(map(repr, unknown)) or 'none'}; it has {', '.join(self.layer_names)}"
            )

    def cut(self, layer_names):
        """Build the part of the network that some layers need, with nothing behind the last.

        Parameters
        ----------
        layer_names : sequence of str

        Returns
        -------
        model : keras.Model
            From RGB float pictures of shape (batch, height, width, 3) in 0 to 255 to a dict from
            each name to maps of shape (batch, map height, map width, channels). It shares its
            weights with `network`.

        Raises
        ------
        ValueError
            If the network does not have such a layer, or none is asked for.
        """
        self.check_layers(layer_names)
        maps = {name: self.network.get_layer(name).output for name in layer_names}
        part = keras.Model(self.network.input, maps, name=f"{self.network.name}_cut")
        pictures = keras.Input((None, None, 3), name="pictures")
        return keras.Model(pictures, part(self.preprocess(pictures)), name="features")

    def features(self, picture, layer_names):
        """Read one picture with some layers.

        Parameters
        ----------
        picture : array, PIL.Image.Image, str or os.PathLike
            RGB uint8 of shape (height, width, 3), or anything else that `images.load_rgb` takes.
        layer_names : str or sequence of str

        Returns
        -------
        maps : dict from str to float tensor of shape (map height, map width, channels)

        Raises
        ------
        ValueError
            If a layer is unknown, or the picture is none or too small.
        FileNotFoundError
            If a path leads nowhere.
        """
        layer_names = [layer_names] if isinstance(layer_names, str) else layer_names
        picture = images.load_rgb(picture)
        if min(picture.shape[:2]) < self.smallest_side:
            raise ValueError(
                f"{self.network.name} needs pictures of at least {self.smallest_side} pixels a "
                f"side, got {picture.shape[0]} x {picture.shape[1]}"
            )
        model = self.cut(layer_names)
        found = model(picture[None].astype("float32"), training=False)
        return {name: maps[0] for name, maps in found.items()}
