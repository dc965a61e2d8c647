//! Keyed random streams: who draws, and for what, decides the numbers; the order of drawing does not.
//!
//! A stream is named by (rng seed, replication, day, entity, purpose, round). The first five choose a start; within a
//! stream, numbers follow one another. Two scenarios that share an rng seed therefore share the luck of every
//! patient (common random numbers), whatever else in them differs, and adding a station moves no other number.
//!
//! The generator is **SplitMix64** (Steele, Lea, Flood, *Fast splittable pseudorandom number generators*, OOPSLA'14), used
//! twice over: its output function, a bijection of 64-bit words, turns (run, source, index) into the entity's key, so
//! that no two entities of a source share one; the key and the purpose name a place on its sequence, and the stream goes
//! on from there. A key fits the customer's record. Two of n streams of k numbers overlap somewhere with probability
//! about n²·k/2⁶⁴ (n = 10⁸, k = 10: half a per cent for one pair among all), which no statistic can see.
//!
//! The code is ours so that results do not move when a library changes its own.

use rand::rand_core::TryRng;
use std::convert::Infallible;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// SplitMix64's output function (Stafford's variant 13): a bijection that spreads every input bit.
#[inline(always)]
const fn mix64(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

/// What a number is drawn for: a dotted path such as `registration.service_time`, hashed once when the scenario is
/// compiled. The path is part of the scenario format; renaming it changes results.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Purpose(u64);

impl Purpose {
    /// The purpose named by a dotted path (FNV-1a, then mixed).
    pub const fn named(path: &str) -> Self {
        let bytes = path.as_bytes();
        let mut hash = 0xCBF2_9CE4_8422_2325_u64;
        let mut index = 0;
        while index < bytes.len() {
            hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0000_0100_0000_01B3);
            index += 1;
        }
        Purpose(mix64(hash))
    }

    /// The second purpose under the roof of the first.
    #[inline(always)]
    pub const fn combined(outer: Purpose, inner: Purpose) -> Self {
        Purpose(outer.0.wrapping_add(inner.0 | 1))
    }

    /// A purpose within a purpose, for the `index`-th of several alike (a line of a bill, an examination).
    pub const fn item(self, index: u64) -> Self {
        Purpose(mix64(self.0 ^ mix64(index.wrapping_add(GOLDEN))))
    }
}

/// The luck of one replication of one day: the key under which every entity of that run finds its own.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct RunKey(u64);

impl RunKey {
    /// The key of a replication and day under an rng seed.
    pub const fn new(rng_seed: u64, replication: u32, day: u32) -> Self {
        let run = ((replication as u64) << 32) | day as u64;
        RunKey(mix64(mix64(rng_seed.wrapping_add(GOLDEN)) ^ mix64(run.wrapping_mul(GOLDEN).wrapping_add(1))))
    }

    /// The key of one of many places that are run under this key, each with luck of its own: the `index`-th of `kind`.
    pub fn place(self, kind: Purpose, index: u64) -> RunKey {
        RunKey(self.entity(kind, index).0)
    }

    /// The key of one entity: the `index`-th of `source` (an arrival source, a station, the day itself).
    #[inline(always)]
    pub fn entity(self, source: Purpose, index: u64) -> EntityKey {
        self.source(source).entity(index)
    }

    /// The key under which the entities of one source find theirs; saves half of [`RunKey::entity`] for many of them.
    #[inline(always)]
    pub fn source(self, source: Purpose) -> SourceKey {
        SourceKey(mix64(self.0 ^ source.0))
    }
}

/// The luck of all entities of one source in one run.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SourceKey(u64);

impl SourceKey {
    /// The key of the `index`-th entity.
    #[inline(always)]
    pub fn entity(self, index: u64) -> EntityKey {
        EntityKey(mix64(self.0.wrapping_add(index.wrapping_add(1).wrapping_mul(GOLDEN))))
    }
}

/// The luck of one entity: a patient, a machine, a source of arrivals, a day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct EntityKey(u64);

impl EntityKey {
    /// The stream of numbers this entity draws for a purpose.
    #[inline(always)]
    pub fn stream(self, purpose: Purpose) -> Stream {
        Stream { state: self.0 ^ purpose.0 }
    }

    /// The luck of the same entity on its next round through a loop of unknown length.
    #[inline(always)]
    pub fn next_round(self) -> EntityKey {
        EntityKey(mix64(self.0.wrapping_add(GOLDEN)))
    }

    /// The stream of the `round`-th time the entity draws for a purpose (a second consultation, a loop).
    #[inline(always)]
    pub fn stream_of_round(self, purpose: Purpose, round: u32) -> Stream {
        Stream {
            state: self.0 ^ purpose.0.wrapping_add(u64::from(round).wrapping_mul(0xD605_BBB5_8C8A_BBC5)),
        }
    }
}

/// One stream of random numbers. Implements `rand`'s generator traits, so every `rand_distr` law draws from it.
#[derive(Clone, Debug)]
pub struct Stream {
    state: u64,
}

impl Stream {
    /// The next 64 random bits.
    #[inline(always)]
    pub fn bits(&mut self) -> u64 {
        self.state = self.state.wrapping_add(GOLDEN);
        mix64(self.state)
    }

    /// A number uniform on the open interval (0, 1), with 52 random bits.
    #[inline(always)]
    pub fn unit(&mut self) -> f64 {
        ((self.bits() >> 12) as f64 + 0.5) * (1.0 / (1u64 << 52) as f64)
    }

    /// A whole number uniform on `0..bound` (multiply-shift; bias below `bound`/2⁶⁴). `bound` must not be 0.
    #[inline(always)]
    pub fn below(&mut self, bound: u32) -> u32 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u32
    }
}

impl TryRng for Stream {
    type Error = Infallible;

    #[inline(always)]
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.bits() >> 32) as u32)
    }

    #[inline(always)]
    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.bits())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            let word = self.bits().to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn split_mix_gives_the_published_sequence() {
        let mut stream = Stream { state: 1_234_567 };
        let first = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423_u64];
        assert_eq!([stream.bits(), stream.bits(), stream.bits()], first);
    }

    #[test]
    fn the_order_of_drawing_does_not_matter() {
        let key = RunKey::new(7, 0, 0).entity(Purpose::named("arrivals"), 12);
        let (a, b) = (Purpose::named("window.service_time"), Purpose::named("kiosk.service_time"));
        let first = (key.stream(a).bits(), key.stream(b).bits());
        let second = (key.stream(b).bits(), key.stream(a).bits());
        assert_eq!(first, (second.1, second.0));
    }

    #[test]
    fn streams_of_different_names_are_unrelated() {
        let mut seen = std::collections::BTreeSet::new();
        for seed in 0..4 {
            for replication in 0..4 {
                for day in 0..4 {
                    for entity in 0..16 {
                        let key = RunKey::new(seed, replication, day).entity(Purpose::named("a"), entity);
                        for round in 0..4 {
                            assert!(seen.insert(key.stream_of_round(Purpose::named("x"), round).bits()));
                            assert!(seen.insert(key.stream_of_round(Purpose::named("y"), round).bits()));
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn unit_numbers_across_entities_are_uniform() {
        let run = RunKey::new(1, 0, 0);
        let purpose = Purpose::named("service_time");
        let mut bins = [0u32; 64];
        let count = 640_000;
        for index in 0..count {
            let unit = run.entity(Purpose::named("arrivals"), index).stream(purpose).unit();
            bins[(unit * 64.0) as usize] += 1;
        }
        let expected = count as f64 / 64.0;
        let chi_square: f64 = bins.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
        // 63 degrees of freedom: mean 63, sd 11.2; 124 is beyond the 1 - 1e-5 quantile.
        assert!(chi_square < 124.0, "chi square {chi_square}");
    }

    #[test]
    fn neighbours_purposes_and_rounds_are_independent_in_pairs() {
        let run = RunKey::new(1, 0, 0);
        let (source, first, second) = (Purpose::named("arrivals"), Purpose::named("a"), Purpose::named("b"));
        let key = |index| run.entity(source, index);
        type Pair = fn(&dyn Fn(u64) -> EntityKey, u64, Purpose, Purpose) -> (f64, f64);
        let pairs: [(&str, Pair); 4] = [
            ("purposes", |key, i, a, b| (key(i).stream(a).unit(), key(i).stream(b).unit())),
            ("neighbours", |key, i, a, _| (key(i).stream(a).unit(), key(i + 1).stream(a).unit())),
            ("rounds", |key, i, a, _| {
                (key(i).stream_of_round(a, 0).unit(), key(i).stream_of_round(a, 1).unit())
            }),
            ("draws", |key, i, a, _| {
                let mut stream = key(i).stream(a);
                (stream.unit(), stream.unit())
            }),
        ];
        let count = 409_600;
        for (name, pair) in pairs {
            let mut bins = [0u32; 256];
            for index in 0..count {
                let (x, y) = pair(&key, 2 * index, first, second);
                bins[(x * 16.0) as usize * 16 + (y * 16.0) as usize] += 1;
            }
            let expected = count as f64 / 256.0;
            let chi_square: f64 = bins.iter().map(|&n| (f64::from(n) - expected).powi(2) / expected).sum();
            // 255 degrees of freedom: mean 255, sd 22.6; 370 is beyond the 1 - 1e-5 quantile.
            assert!(chi_square < 370.0, "{name}: chi square {chi_square}");
        }
    }
}
