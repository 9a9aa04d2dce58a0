//! Inside runtimes nothing hangs, and nothing panics.

use cookiejar::persist::engine::Engine;
use cookiejar::persist::{PersistOptions, PersistentCookieJar};
use tokio::runtime::{Builder, Runtime};

use super::{apply, content, engine, jar, namespace, open, set};

fn runtimes() -> [Runtime; 2] {
    let mut kinds = [Builder::new_current_thread(), Builder::new_multi_thread()];
    kinds
        .each_mut()
        .map(|kind| kind.enable_all().build().expect("a runtime"))
}

#[test]
fn inside_runtimes_of_both_kinds() {
    let address = cookiejar_tests::server!("COOKIEJAR_POSTGRES", "PostgreSQL");
    for runtime in runtimes() {
        runtime.block_on(async {
            let engine = engine(&address);
            let namespace = namespace();
            let mut database = engine.connect(&namespace).expect("it connects");
            apply(&mut *database, &["s"], "a").expect("stored");
            drop(database);

            let sessions = open(&engine, &namespace);
            let anna = sessions.jar(&1).await.expect("it is loaded");
            set(&anna, "a=1");
            sessions.flush().await.expect("it is written");
            set(&anna, "b=1");
            drop((sessions, anna)); // The last handle writes.
            let sessions = open(&engine, &namespace);
            assert_eq!(content(&jar(&sessions, 1)), ["a=1", "b=1"]);
            let task = tokio::spawn({
                let sessions = sessions.clone();
                async move { sessions.jar(&2).await.expect("it is loaded").len() }
            });
            assert_eq!(task.await.expect("no panic"), 0);
            sessions.close().expect("it closes");

            let options = PersistOptions::new().namespace(super::namespace());
            let opened = PersistentCookieJar::with(engine.clone(), options).expect("it opens");
            set(&opened.jar(), "c=1; Max-Age=3600");
            opened.close().expect("it is written");
        });
    }
}
