//! Prints what the tests before this one have skipped.

fn main() {
    let skipped = cookiejar_tests::take(env!("CARGO_TARGET_TMPDIR"));
    if skipped.is_empty() {
        println!("nothing was skipped");
        return;
    }
    println!("skipped:");
    for line in &skipped {
        println!("- {line}");
    }
}
