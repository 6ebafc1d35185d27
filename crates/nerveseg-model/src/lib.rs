//! nerveseg-model
