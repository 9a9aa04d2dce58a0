//! Real clients against real servers on loopback, through our jar.

#![cfg(any(feature = "reqwest-0_13", feature = "tower", feature = "ureq-3"))]

#[cfg(any(feature = "tower", feature = "ureq-3"))]
#[path = "clients/cross_site.rs"]
mod cross_site;
#[path = "clients/matrix.rs"]
mod matrix;
#[cfg(feature = "reqwest-0_13")]
#[path = "clients/of_reqwest.rs"]
mod of_reqwest;
#[cfg(feature = "tower")]
#[path = "clients/of_tower.rs"]
mod of_tower;
#[cfg(feature = "ureq-3")]
#[path = "clients/of_ureq.rs"]
mod of_ureq;
#[cfg(any(feature = "tower", feature = "ureq-3"))]
#[path = "clients/one_client.rs"]
mod one_client;
#[cfg(feature = "ureq-3")]
#[path = "clients/proxy.rs"]
mod proxy;
#[path = "clients/real_app.rs"]
mod real_app;
#[path = "clients/site.rs"]
mod site;
