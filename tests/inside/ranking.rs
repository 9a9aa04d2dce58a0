use super::*;

fn at(time: i64) -> Used {
    (time, false, (time, 0))
}

fn first(ranking: &SiteRanking) -> Option<(String, usize)> {
    let (_, site) = ranking.first()?;
    Some((site.to_string(), ranking.sites[&site].0))
}

#[test]
fn the_fullest_comes_first_and_among_equals_the_one_that_was_not_used() {
    let mut ranking = SiteRanking::new(1, [("a".into(), 1, at(10))].into_iter());
    for (site, cookies, now) in [("a", 2, 20), ("b", 1, 30), ("b", 2, 40)] {
        ranking.grown(site, cookies, at(now));
    }
    assert_eq!(first(&ranking), Some(("a".to_owned(), 2)));
    assert_eq!(ranking.second_fullness(), 2);
    ranking.used("a", at(50));
    assert_eq!(first(&ranking), Some(("b".to_owned(), 2)));
    ranking.shrunk("b", 1);
    assert_eq!(first(&ranking), Some(("a".to_owned(), 2)));
    assert_eq!(ranking.second_fullness(), 1);
    ranking.shrunk("a", 0);
    ranking.shrunk("b", 0);
    assert_eq!(first(&ranking), None);
    assert!(ranking.sites.is_empty() && ranking.order.is_empty());
}

#[test]
fn small_sites_are_equally_full_and_a_use_that_is_older_changes_nothing() {
    let sites = [("a".into(), 3, at(30)), ("b".into(), 1, at(20))];
    let mut ranking = SiteRanking::new(3, sites.into_iter());
    assert_eq!(first(&ranking), Some(("b".to_owned(), 1)));
    ranking.grown("b", 2, at(40));
    assert_eq!(first(&ranking), Some(("a".to_owned(), 3)));
    ranking.grown("b", 3, at(10));
    assert_eq!(first(&ranking), Some(("a".to_owned(), 3)));
    ranking.grown("b", 4, at(50));
    assert_eq!(first(&ranking), Some(("b".to_owned(), 4)));
    // Sites that have lost cookies are checked first.
    ranking.shrunk("b", 3);
    assert_eq!(first(&ranking), Some(("b".to_owned(), 3)));
}
