//! Mutations of a corpus, the same for the same seed.

/// The words of the language, and what breaks readers.
const WORDS: [&str; 40] = [
    "{",
    "}",
    "[",
    "]",
    ":",
    ",",
    "\"",
    "\\",
    "\\u00e9",
    "\\ud83d\\ude00",
    "\\ud800",
    "\u{7f}",
    "\0",
    "é",
    "\u{1f600}",
    "*",
    "?",
    "${",
    "${aws:username}",
    "${k, 'd'}",
    "${*}",
    "-",
    "1e9",
    "0",
    "null",
    "true",
    "\"Not",
    "\"Version\":\"2012-10-17\",",
    "\"Sid\":\"a\",",
    "\"Effect\":\"Deny\",",
    "\"Action\":",
    "\"NotAction\":\"a:b\",",
    "\"Resource\":\"*\",",
    "\"Principal\":{\"AWS\":\"*\"},",
    "\"Condition\":{\"StringLike\":{\"k\":[\"*\"]}},",
    "\"ForAllValues:",
    "IfExists\"",
    "arn:aws:s3:::",
    "arn:aws:iam::111122223333:root",
    " \n",
];
/// Longer inputs find nothing that shorter ones do not, and take longer.
const LONGEST: usize = 8 * 1024;

pub struct Mutator<'a> {
    state: u64,
    corpus: &'a [Vec<u8>],
}

impl<'a> Mutator<'a> {
    pub fn new(seed: u64, corpus: &'a [Vec<u8>]) -> Self {
        Self { state: seed, corpus }
    }

    /// An input: one of the corpus, changed in one to six places.
    pub fn next(&mut self) -> Vec<u8> {
        let mut data = self.one_of_the_corpus().to_vec();
        for _ in 0..=self.below(6) {
            self.change(&mut data);
        }
        data.truncate(LONGEST);
        data
    }

    fn change(&mut self, data: &mut Vec<u8>) {
        let (start, end) = self.range(data.len());
        match self.below(8) {
            0 => data[start..end].iter_mut().for_each(|byte| *byte = byte.wrapping_add(1)),
            1 => drop(data.drain(start..end)),
            2 => {
                let byte = self.below(256) as u8;
                data.insert(start, byte);
            }
            3 => {
                let again = data[start..end].repeat(1 + self.below(3));
                drop(data.splice(start..start, again));
            }
            4 => {
                let other = self.one_of_the_corpus();
                let (from, to) = self.range(other.len());
                drop(data.splice(start..end, other[from..to].iter().copied()));
            }
            5 => {
                if let Some(byte) = data.get_mut(start) {
                    *byte ^= 1 << self.below(8);
                }
            }
            _ => {
                let word = WORDS[self.below(WORDS.len())];
                let end = if self.below(2) == 0 { start } else { end };
                drop(data.splice(start..end, word.bytes()));
            }
        }
    }

    fn one_of_the_corpus(&mut self) -> &'a [u8] {
        &self.corpus[self.below(self.corpus.len())]
    }

    /// A range, mostly short.
    fn range(&mut self, length: usize) -> (usize, usize) {
        let start = self.below(length + 1);
        let most = if self.below(8) == 0 { length } else { 12 };
        (start, (start + self.below(most + 1)).min(length))
    }

    fn below(&mut self, count: usize) -> usize {
        (self.random() % count as u64) as usize
    }

    /// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators").
    fn random(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ mixed >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ mixed >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ mixed >> 31
    }
}
