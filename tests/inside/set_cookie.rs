use super::*;

/// A cookie as `name=value|key=value|key`, for the tests of the readers.
pub(super) fn shown<'a, V: Value<'a>>(
    attributes: Attributes<'a, V, impl IntoIterator<Item = Pair<'a, V>>>,
) -> String {
    let first = Pair {
        key: attributes.name,
        value: attributes.value,
    };
    let text = |pair: Pair<'_, V>| {
        let key = String::from_utf8_lossy(pair.key);
        match &pair.value {
            Some(value) => format!("{key}={}", String::from_utf8_lossy(value)),
            None => key.into_owned(),
        }
    };
    let all = std::iter::once(first).chain(attributes.pairs);
    all.map(text).collect::<Vec<_>>().join("|")
}
