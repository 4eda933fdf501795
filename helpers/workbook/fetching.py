"""``python -m helpers.workbook data``: fetch real data and published weights ahead of time."""

from helpers import datasets, faces, mobilenet, resnet, sources, style
from helpers.yolo import darknet, networks


def fetch(steps=None):
    """Fetch one thing after the other; what cannot be had does not stop the rest.

    Slow hosts are put up with. What is on this machine already is not fetched again, and an
    interrupted download is taken up where it stopped.

    Parameters
    ----------
    steps : dict of callables, optional
        Of each thing's name: fetches it and returns in words where it is. All that the notebooks
        can use, if not given.

    Returns
    -------
    exit_status : int
        1 if anything cannot be had; what was tried is printed.
    """
    missing = []
    for name, step in (STEPS if steps is None else steps).items():
        print(f"{name} ...", flush=True)
        try:
            print(f"{name}: {step()}", flush=True)
        except sources.Unavailable as problem:
            print(problem, flush=True)
            missing.append(name)
    if missing:
        print(f"Not fetched: {'; '.join(missing)}. The notebooks run without, and say so.")
    return int(bool(missing))


STEPS = {
    "CIFAR-10": datasets.fetch_real,
    "faces": lambda: faces.load_faces("real").describe(),
    "MobileNet (ImageNet)": lambda: mobilenet.load_backbone("real", input_size=224).source,
    "ResNet-50 (ImageNet)": lambda: resnet.load_imagenet(resnet.resnet50(), "real"),
    "VGG-19 (ImageNet)": lambda: style.load_vgg19("real", unit_means=False).source,
    "tiny YOLOv2 (COCO)": lambda: darknet.load_coco(networks.tiny_yolov2(), "real"),
    "YOLOv2 (COCO)": lambda: darknet.load_coco(networks.yolov2(), "real"),
}
