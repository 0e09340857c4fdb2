//! How reports are asked for.
