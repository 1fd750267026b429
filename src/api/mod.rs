//! HTTP and WebSocket.

mod problem;
mod token;

pub use problem::Problem;
pub use token::{NewToken, Token};
