use super::*;

#[test]
fn a_verdict_is_two_registers() {
    let two = 2 * size_of::<usize>();
    assert_eq!(size_of::<Result<(), Rejection>>(), two);
    assert_eq!(size_of::<Rejection>(), two);
}

#[test]
fn custom_reasons_are_compared_by_their_words() {
    let words = String::from("no trackers").leak();
    let leaked: &'static &'static str = Box::leak(Box::new(&*words));
    assert_eq!(Rejection::Custom(leaked), Rejection::Custom(&"no trackers"));
    assert_eq!(Rejection::Custom(leaked).to_string(), "no trackers");
}
