//! nerveseg-train
