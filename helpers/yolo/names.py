"""What the published YOLOv2 networks know: the names of their classes, and their anchors.

All from the files that come with Darknet, https://github.com/pjreddie/darknet: ``data/*.names``
and the ``[region]`` of ``cfg/*.cfg``. Anchors are pairs (width, height) in cells of the last
grid, in the order of the networks' outputs.
"""

# data/coco.names. Six of the names are those of Pascal VOC: COCO itself writes airplane, couch, ...
COCO = (
    *("person", "bicycle", "car", "motorbike", "aeroplane", "bus", "train", "truck", "boat"),
    *("traffic light", "fire hydrant", "stop sign", "parking meter", "bench"),
    *("bird", "cat", "dog", "horse", "sheep", "cow", "elephant", "bear", "zebra", "giraffe"),
    *("backpack", "umbrella", "handbag", "tie", "suitcase"),
    *("frisbee", "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove"),
    *("skateboard", "surfboard", "tennis racket"),
    *("bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl"),
    *("banana", "apple", "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza"),
    *("donut", "cake"),
    *("chair", "sofa", "pottedplant", "bed", "diningtable", "toilet"),
    *("tvmonitor", "laptop", "mouse", "remote", "keyboard", "cell phone"),
    *("microwave", "oven", "toaster", "sink", "refrigerator"),
    *("book", "clock", "vase", "scissors", "teddy bear", "hair drier", "toothbrush"),
)

# data/voc.names
VOC = (
    *("aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow"),
    *("diningtable", "dog", "horse", "motorbike", "person", "pottedplant", "sheep", "sofa"),
    *("train", "tvmonitor"),
)

# cfg/yolov2.cfg
YOLOV2_COCO_ANCHORS = (
    (0.57273, 0.677385),
    (1.87446, 2.06253),
    (3.33843, 5.47434),
    (7.88282, 3.52778),
    (9.77052, 9.16828),
)

# cfg/yolov2-voc.cfg
YOLOV2_VOC_ANCHORS = (
    (1.3221, 1.73145),
    (3.19275, 4.00944),
    (5.05587, 8.09892),
    (9.47112, 4.84053),
    (11.2364, 10.0071),
)

# cfg/yolov2-tiny.cfg: those of the large network
TINY_YOLOV2_COCO_ANCHORS = YOLOV2_COCO_ANCHORS

# cfg/yolov2-tiny-voc.cfg
TINY_YOLOV2_VOC_ANCHORS = (
    (1.08, 1.19),
    (3.42, 4.41),
    (6.63, 11.38),
    (9.42, 5.11),
    (16.62, 10.52),
)
