//! Descriptions, read and refused.
