"""Expected values for `crates/nerveseg-metrics/tests/golden.rs`.

Masks come from formulas that the Rust test repeats, so no file is shared. Overlap comes from
scikit-learn, surface distances from MONAI and, independently, from scipy's distance transform.

    pip install numpy==2.4.6 scipy==1.17.1 scikit-learn==1.9.1 monai==1.6.1 torch
    python scripts/reference/metrics.py
"""

import numpy as np
import torch
from monai.metrics import compute_average_surface_distance, compute_hausdorff_distance
from scipy.ndimage import binary_erosion, distance_transform_edt
from sklearn import metrics

SPACING = (0.11, 0.07)  # mm per pixel, [row, column]


def ellipse(size, center, axes):
    """Filled ellipse; `center` and `axes` are (row, column)."""
    rows, cols = np.indices(size)
    return ((rows - center[0]) / axes[0]) ** 2 + ((cols - center[1]) / axes[1]) ** 2 <= 1


def lattice(size):
    """A tenth of all pixels, scattered, with the border touched."""
    rows, cols = np.indices(size)
    return (rows * 7 + cols * 3 + rows * cols) % 10 == 0


PAIRS = {
    "shifted": (ellipse((17, 23), (8, 10), (4, 7)), ellipse((17, 23), (7, 13), (5, 6))),
    "cut_by_border": (ellipse((17, 23), (1, 2), (6, 5)), ellipse((17, 23), (15, 20), (5, 9))),
    "scattered": (lattice((17, 23)), ellipse((17, 23), (8, 11), (3, 4))),
    "uns_frame": (
        ellipse((420, 580), (150, 345), (30, 70)),
        ellipse((420, 580), (145, 334), (34, 65.3)),
    ),
}


def surface_scipy(prediction, ground_truth, spacing):
    """HD95 and ASSD from the definition, in double precision."""
    edges = [mask ^ binary_erosion(mask) for mask in (prediction, ground_truth)]
    forth = distance_transform_edt(~edges[1], sampling=spacing)[edges[0]]
    back = distance_transform_edt(~edges[0], sampling=spacing)[edges[1]]
    hausdorff95 = max(np.percentile(forth, 95), np.percentile(back, 95))
    return hausdorff95, np.concatenate([forth, back]).mean()


def surface_monai(prediction, ground_truth, spacing):
    """The same from MONAI, which works in single precision."""
    tensors = [torch.from_numpy(mask)[None, None].float() for mask in (prediction, ground_truth)]
    options = {"include_background": True, "spacing": list(spacing)}
    hausdorff95 = compute_hausdorff_distance(*tensors, percentile=95, **options)
    assd = compute_average_surface_distance(*tensors, symmetric=True, **options)
    return hausdorff95.item(), assd.item()


def overlap(prediction, ground_truth):
    """dice, iou, sensitivity, specificity, precision, pixel accuracy."""
    truth, pred = ground_truth.ravel(), prediction.ravel()
    return (
        metrics.f1_score(truth, pred),
        metrics.jaccard_score(truth, pred),
        metrics.recall_score(truth, pred),
        metrics.recall_score(truth, pred, pos_label=False),
        metrics.precision_score(truth, pred),
        metrics.accuracy_score(truth, pred),
    )


def numbers(values):
    return ", ".join(repr(float(value)) for value in values)


for name, (prediction, ground_truth) in PAIRS.items():
    print(f"{name} overlap: {numbers(overlap(prediction, ground_truth))}")
    for unit, spacing in (("px", (1.0, 1.0)), ("mm", SPACING)):
        scipy_says = surface_scipy(prediction, ground_truth, spacing)
        monai_says = surface_monai(prediction, ground_truth, spacing)
        np.testing.assert_allclose(monai_says, scipy_says, rtol=1e-6)
        print(f"{name} surface {unit}: {numbers(scipy_says)}")

# Presence: 47 frames, quantised scores so that many are tied.
frame = np.arange(47)
present = frame * 13 % 5 < 2
presence = (frame * 29 % 17 + 4 * present) / 20
print(f"presence auc: {numbers([metrics.roc_auc_score(present, presence)])}")

# Calibration: 15 equal bins over shuffled probabilities in single precision.
rows, cols = np.indices((17, 23))
probabilities = ((rows * 23 + cols) * 37 % 391).astype(np.float32) / np.float32(391)
probabilities = probabilities.astype(np.float64)
truth = rows * 2 > cols
bins = np.minimum((probabilities * 15).astype(int), 14)
gaps = [abs(probabilities[bins == b].mean() - truth[bins == b].mean()) for b in range(15)]
print(f"calibration ece: {numbers([np.bincount(bins.ravel()) @ gaps / truth.size])}")

# Bootstrap: 60 frames of 12 subjects, strips of 100 nerve pixels of which `found` are found.
case = np.arange(60)
found = 1 + case * 37 % 60 + 3 * (case % 12)
dice = 2 * found / (found + 100)
subject_means = dice.reshape(5, 12).mean(axis=0)
drawn = np.random.default_rng(0).integers(0, 12, (1_000_000, 12))
interval = np.percentile(subject_means[drawn].mean(axis=1), [2.5, 97.5])
print(f"bootstrap mean and 95 %: {numbers([dice.mean(), *interval])}")
