"""YOLOv2: the networks, their raw output turned into boxes, their loss and their weights."""

from helpers.yolo.darknet import load_darknet_weights, save_darknet_weights
from helpers.yolo.decoding import decode, filter_boxes
from helpers.yolo.detection import Detections, detect, draw_detections
from helpers.yolo.loss import YoloLoss, yolo_loss
from helpers.yolo.networks import tiny_yolov2, yolov2
from helpers.yolo.street import load_street_detector, street_yolo

__all__ = [
    "Detections",
    "YoloLoss",
    "decode",
    "detect",
    "draw_detections",
    "filter_boxes",
    "load_darknet_weights",
    "load_street_detector",
    "save_darknet_weights",
    "street_yolo",
    "tiny_yolov2",
    "yolo_loss",
    "yolov2",
]
