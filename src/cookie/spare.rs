//! Memory of replaced cookies, reused for the texts of new ones.
//!
//! Most responses of real sites set cookies that already exist. Each thread keeps a few blocks, so that such a
//! response allocates nothing (bench `response`).

use std::cell::RefCell;

/// Blocks per thread: few responses have more cookies.
const KEPT: usize = 8;

const LONGEST: usize = 1_024;

const SLACK: usize = 32;

thread_local! {
    static SPARES: RefCell<Spares> = const { RefCell::new(Spares::new()) };
}

/// A ring of blocks: a response tends to list its cookies in the order of the previous one.
struct Spares {
    blocks: [Vec<u8>; KEPT],
    first: usize,
    next: usize,
}

impl Spares {
    const fn new() -> Self {
        Self {
            blocks: [const { Vec::new() }; KEPT],
            first: 0,
            next: 0,
        }
    }

    #[inline]
    fn take(&mut self, len: usize) -> Option<Vec<u8>> {
        let fits = |block: &Vec<u8>| block.capacity().wrapping_sub(len) <= SLACK;
        let mut place = self.first % KEPT;
        if !fits(&self.blocks[place]) {
            place = self.blocks.iter().position(fits)?;
        }
        self.first = place + 1;
        Some(std::mem::take(&mut self.blocks[place]))
    }

    #[inline]
    fn keep(&mut self, block: Vec<u8>) {
        self.blocks[self.next % KEPT] = block;
        self.next = self.next.wrapping_add(1);
    }
}

#[inline]
pub(super) fn take(len: usize) -> Vec<u8> {
    let kept = SPARES.try_with(|spares| spares.borrow_mut().take(len));
    match kept {
        Ok(Some(block)) => block,
        _ => Vec::with_capacity(len),
    }
}

pub(super) fn fill(mut block: Vec<u8>) -> Box<str> {
    if block.capacity() - block.len() <= SLACK {
        block.resize(block.capacity(), 0);
    }
    let text = String::from_utf8(block).expect("each part was pushed as UTF-8");
    text.into_boxed_str()
}

pub(super) fn keep(text: Box<str>) {
    if text.len() > LONGEST {
        return;
    }
    let mut block = String::from(text).into_bytes();
    block.clear();
    // A thread that is ending keeps nothing.
    let _ = SPARES.try_with(|spares| spares.borrow_mut().keep(block));
}
