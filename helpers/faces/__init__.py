"""Faces: the triplet loss, batches for it, how well distances verify, and a database of people."""

from helpers.faces.database import FaceDatabase, Identification, Match, Verification
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
    "FaceDatabase",
    "Identification",
    "IdentityBatches",
    "LfwResult",
    "Match",
    "Roc",
    "TripletCounts",
    "TripletLoss",
    "Verification",
    "all_pairs",
    "all_triplets_loss",
    "area_under_roc",
    "batch_hard_loss",
    "calibrate",
    "count_triplets",
    "equal_error_rate",
    "lfw_protocol",
    "pair_distances",
    "roc",
    "semi_hard_loss",
    "triplet_loss",
    "true_accept_rate",
]
