"""Faces: data, encoders, triplet losses and batches, how well distances verify, a database."""

from helpers.faces.database import FaceDatabase, Identification, Match, Verification
from helpers.faces.embedded import load_small_encoder
from helpers.faces.encoders import (
    centre_features,
    encoder_id,
    pretrained_encoder,
    same_person_head,
    siamese,
    small_encoder,
)
from helpers.faces.folders import People, read_people
from helpers.faces.openface import load_openface, nn4_small2
from helpers.faces.pictures import DataUnavailable, Faces, load_faces
from helpers.faces.published import LfwPairs, lfw_pairs
from helpers.faces.sampling import IdentityBatches
from helpers.faces.triplets import (
    TripletCounts,
    TripletLoss,
    all_triplets_loss,
    batch_hard_loss,
    count_triplets,
    semi_hard_loss,
    triplet_loss,
)
from helpers.faces.verification import (
    LfwResult,
    Roc,
    all_pairs,
    area_under_roc,
    calibrate,
    equal_error_rate,
    lfw_protocol,
    pair_distances,
    roc,
    true_accept_rate,
)

__all__ = [
    "DataUnavailable",
    "FaceDatabase",
    "Faces",
    "Identification",
    "IdentityBatches",
    "LfwPairs",
    "LfwResult",
    "Match",
    "People",
    "Roc",
    "TripletCounts",
    "TripletLoss",
    "Verification",
    "all_pairs",
    "all_triplets_loss",
    "area_under_roc",
    "batch_hard_loss",
    "calibrate",
    "centre_features",
    "count_triplets",
    "encoder_id",
    "equal_error_rate",
    "lfw_pairs",
    "lfw_protocol",
    "load_faces",
    "load_openface",
    "load_small_encoder",
    "nn4_small2",
    "pair_distances",
    "pretrained_encoder",
    "read_people",
    "roc",
    "same_person_head",
    "semi_hard_loss",
    "siamese",
    "small_encoder",
    "triplet_loss",
    "true_accept_rate",
]
