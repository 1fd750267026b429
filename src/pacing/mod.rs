//! How many calls now?
