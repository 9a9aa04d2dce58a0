//! Redis as an engine: the contract, and the properties of a server.
#![cfg(feature = "redis-1")]

use cookiejar::persist::redis::Redis;
use cookiejar::testing::check_engine;
use cookiejar_tests::server;

#[test]
fn the_contract() {
    let address = server!("COOKIEJAR_REDIS", "the contract with Redis");
    check_engine(&Redis::url(&address).expect("a URL"));
}
