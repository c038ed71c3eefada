//! BLAKE2b with 64 bytes and no key (RFC 7693), which model signatures may use and no library at hand makes.
//! It is for comparing files only: no signature here is made over it.

const IV: [u64; 8] = [
    0x6a09_e667_f3bc_c908,
    0xbb67_ae85_84ca_a73b,
    0x3c6e_f372_fe94_f82b,
    0xa54f_f53a_5f1d_36f1,
    0x510e_527f_ade6_82d1,
    0x9b05_688c_2b3e_6c1f,
    0x1f83_d9ab_fb41_bd6b,
    0x5be0_cd19_137e_2179,
];
const SIGMA: [[usize; 16]; 10] = [
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15],
    [14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3],
    [11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4],
    [7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8],
    [9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13],
    [2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9],
    [12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11],
    [13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10],
    [6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5],
    [10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0],
];
const LANES: [[usize; 4]; 8] = [
    [0, 4, 8, 12],
    [1, 5, 9, 13],
    [2, 6, 10, 14],
    [3, 7, 11, 15],
    [0, 5, 10, 15],
    [1, 6, 11, 12],
    [2, 7, 8, 13],
    [3, 4, 9, 14],
];
const BLOCK: usize = 128;

/// A hash in the making.
#[derive(Debug, Clone)]
pub(super) struct Blake2b {
    state: [u64; 8],
    block: [u8; BLOCK],
    filled: usize,
    taken: u128,
}

impl Default for Blake2b {
    fn default() -> Blake2b {
        let mut state = IV;
        // 64 bytes of hash, no key, one leaf.
        state[0] ^= 0x0101_0040;
        Blake2b { state, block: [0; BLOCK], filled: 0, taken: 0 }
    }
}

impl Blake2b {
    /// Takes more bytes.
    pub(super) fn update(&mut self, mut bytes: &[u8]) {
        while !bytes.is_empty() {
            // The last block is kept back until it is known to be the last.
            if self.filled == BLOCK {
                self.mix(false);
                self.filled = 0;
            }
            let (now, rest) = bytes.split_at(bytes.len().min(BLOCK - self.filled));
            if let Some(room) = self.block.get_mut(self.filled..self.filled + now.len()) {
                room.copy_from_slice(now);
            }
            self.filled += now.len();
            self.taken += now.len() as u128;
            bytes = rest;
        }
    }

    /// The hash of all that was taken.
    pub(super) fn finish(mut self) -> [u8; 64] {
        self.block.iter_mut().skip(self.filled).for_each(|byte| *byte = 0);
        self.mix(true);
        let mut out = [0; 64];
        for (to, word) in out.chunks_exact_mut(8).zip(self.state) {
            to.copy_from_slice(&word.to_le_bytes());
        }
        out
    }

    fn mix(&mut self, last: bool) {
        let mut words = [0_u64; 16];
        for (word, bytes) in words.iter_mut().zip(self.block.chunks_exact(8)) {
            *word = bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte));
        }
        let mut v = [0_u64; 16];
        v[..8].copy_from_slice(&self.state);
        v[8..].copy_from_slice(&IV);
        v[12] ^= u64::try_from(self.taken & u128::from(u64::MAX)).unwrap_or_default();
        v[13] ^= u64::try_from(self.taken >> 64).unwrap_or_default();
        if last {
            v[14] = !v[14];
        }
        for round in 0..12 {
            let order = SIGMA[round % 10];
            for (lane, [a, b, c, d]) in LANES.into_iter().enumerate() {
                v[a] = v[a].wrapping_add(v[b]).wrapping_add(words[order[2 * lane]]);
                v[d] = (v[d] ^ v[a]).rotate_right(32);
                v[c] = v[c].wrapping_add(v[d]);
                v[b] = (v[b] ^ v[c]).rotate_right(24);
                v[a] = v[a].wrapping_add(v[b]).wrapping_add(words[order[2 * lane + 1]]);
                v[d] = (v[d] ^ v[a]).rotate_right(16);
                v[c] = v[c].wrapping_add(v[d]);
                v[b] = (v[b] ^ v[c]).rotate_right(63);
            }
        }
        for (index, word) in self.state.iter_mut().enumerate() {
            *word ^= v[index] ^ v[index + 8];
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hash(bytes: &[u8], cut: usize) -> String {
        let mut hash = Blake2b::default();
        bytes.chunks(cut).for_each(|part| hash.update(part));
        hex::encode(hash.finish())
    }

    #[test]
    fn published_vectors_hold() {
        // RFC 7693, appendix A, and the hash of nothing.
        assert_eq!(
            hash(b"abc", 1),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbc4925ab92386edd4009923"
        );
        assert!(hash(b"", 1).starts_with("786a02f742015903c6c6fd852552d272912f4740e15847618a86e217f71f5419"));
        // However it is cut, over the edges of blocks too.
        let long = vec![7; 3 * BLOCK];
        for length in [BLOCK - 1, BLOCK, BLOCK + 1, 3 * BLOCK] {
            assert_eq!(hash(&long[..length], 1), hash(&long[..length], 100));
            assert_eq!(hash(&long[..length], 128), hash(&long[..length], 400));
        }
    }
}
