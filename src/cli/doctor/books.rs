//! The books: there, this version's, and as fast as calls need them.

use super::Finding;
use crate::clock;
use crate::config::Config;
use crate::store::{Books, StoreError};

pub(super) async fn look(config: &Config) -> Vec<Finding> {
    let what = "books";
    let began = clock::now();
    let found = match Books::open(&config.data).await {
        Ok(books) => books.campaigns().await,
        Err(error) => Err(error),
    };
    let ms = clock::now().duration_since(began).as_millis();
    vec![match found {
        Ok(campaigns) => {
            Finding::well(what, format!("{} campaigns known, after {ms} ms", campaigns.len()))
        }
        Err(StoreError::NoBooks(_)) => Finding::well(what, "none yet; the first start makes them"),
        Err(error @ StoreError::OlderSchema { .. }) => {
            Finding::look(what, error.to_string(), "outdial backup FILE before that start")
        }
        Err(error @ StoreError::NewerSchema { .. }) => {
            Finding::wrong(what, error.to_string(), "install the version that wrote them")
        }
        Err(error) => {
            Finding::wrong(what, error.to_string(), "mend that: nobody is dialed without")
        }
    }]
}
