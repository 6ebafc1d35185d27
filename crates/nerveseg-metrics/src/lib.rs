//! nerveseg-metrics
