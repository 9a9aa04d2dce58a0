use super::*;
use crate::policy::{AcceptAllPolicy, PolicyExt};

const NO: Rejection = Rejection::Custom(&"no");

fn cookie() -> Cookie {
    Cookie::builder("a", "b")
        .domain("acme.com")
        .build()
        .expect("a cookie")
}

fn request() -> RequestContext<'static> {
    RequestContext::new("http", "acme.com", None, "/")
}

#[test]
fn each_closure_speaks_to_its_own_question() {
    let setting = set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
    assert_eq!(setting.may_return(&cookie(), &request()), Ok(()));
    let returning = return_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
    assert_eq!(returning.set_ok(&cookie(), &request()), Ok(()));
    assert_eq!(
        AcceptAllPolicy::new()
            .and(returning)
            .may_return(&cookie(), &request()),
        Err(NO)
    );
}

#[test]
fn a_verdict_can_be_laxer_stricter_or_only_heard() {
    let lax = |verdict: Result<(), Rejection>, _: &Cookie, _: &RequestContext<'_>| match verdict {
        Err(NO) => Ok(()),
        _ => Err(NO),
    };
    let rejects = || set_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
    let withholds = || return_ok_fn(|_: &Cookie, _: &RequestContext<'_>| Err(NO));
    let (cookie, request) = (cookie(), request());
    assert_eq!(rejects().map_set_ok(lax).set_ok(&cookie, &request), Ok(()));
    assert_eq!(
        withholds().map_set_ok(lax).set_ok(&cookie, &request),
        Err(NO)
    );
    assert_eq!(
        withholds().map_set_ok(lax).return_ok(&cookie, &request),
        Err(NO)
    );
    assert_eq!(
        withholds().map_return_ok(lax).return_ok(&cookie, &request),
        Ok(())
    );
    assert_eq!(
        rejects().map_return_ok(lax).return_ok(&cookie, &request),
        Err(NO)
    );
    assert_eq!(
        rejects().map_return_ok(lax).set_ok(&cookie, &request),
        Err(NO)
    );
}
