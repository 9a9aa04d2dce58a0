//! Claims: a key each, which the server removes when its time is over.

use std::time::Duration;

use super::super::engine::{
    Answer, ClaimDatabase, ClaimOwner, EngineError, Granted, MAX_CLAIM, Version,
};
use super::database::{RedisDatabase, gone};
use super::link::Request;
use super::value::{integer, items};

impl ClaimDatabase for RedisDatabase {
    fn claim(
        &mut self,
        session: &str,
        owner: ClaimOwner,
        for_at_most: Duration,
    ) -> Result<Answer<Option<Granted>>, EngineError> {
        let owner = owner.to_string();
        let millis = for_at_most.min(MAX_CLAIM).as_millis().max(1).to_string();
        let mut request = Request::default();
        let arguments = [self.id.as_bytes(), owner.as_bytes(), millis.as_bytes()];
        self.script(&mut request, &self.scripts.claim, Some(session), &arguments);
        let (mut replies, standing, history) = self.call(request, self.engine.load_timeout)?;
        let parts = items(replies.swap_remove(0)).unwrap_or_default();
        let number = |at: usize| parts.get(at).and_then(integer);
        if number(0) == Some(3) {
            return Err(EngineError::refused("the claim's key is another program's"));
        }
        let (version, token) = number(1).zip(number(2)).ok_or_else(gone)?;
        let granted = (token > 0).then_some(Granted {
            token,
            version: Version::new(version),
        });
        Ok(Answer {
            clock: standing.clock,
            history,
            value: granted,
        })
    }
}
