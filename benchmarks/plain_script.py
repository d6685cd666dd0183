"""The script that one writes without Luthier: LeNet-5 on scikit-learn's digits, up to the end of the first step.

It prints the clock and leaves; `startup.py` runs it.
"""

import time

import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn
from torch.utils.data import DataLoader, TensorDataset

digits = load_digits()
images = torch.tensor(digits.images / 16, dtype=torch.float32).unsqueeze(1)
images = F.interpolate(images, size=(28, 28), mode="bilinear")
labels = torch.tensor(digits.target)
train, test = train_test_split(range(len(labels)), test_size=0.2, stratify=labels, random_state=0)
mean, std = images[train].mean(), images[train].std()
images = (images - mean) / std
loader = DataLoader(TensorDataset(images[train], labels[train]), batch_size=64, shuffle=True)

model = nn.Sequential(
    nn.Conv2d(1, 6, 5, padding=2),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Conv2d(6, 16, 5),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Flatten(),
    nn.Linear(400, 120),
    nn.ReLU(),
    nn.Linear(120, 84),
    nn.ReLU(),
    nn.Linear(84, 10),
)
optimizer = torch.optim.AdamW(model.parameters(), lr=0.002)

for inputs, targets in loader:
    loss = F.cross_entropy(model(inputs), targets)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(time.monotonic())
    break
