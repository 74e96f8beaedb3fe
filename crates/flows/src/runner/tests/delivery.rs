//! What flows do with messages that fail, wait or are refused.
