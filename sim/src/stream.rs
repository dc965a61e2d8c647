//! Keyed random streams: who draws, and for what, decides the numbers; the order of drawing does not.
//!
//! A stream is named by (rng seed, replication, day, entity, purpose, round). The first five choose a start; within a
//! stream, numbers follow one another. Two scenarios that share an rng seed therefore share the luck of every
//! patient (common random numbers), whatever else in them differs, and adding a station moves no other number.
//!
//! **Keys** are made by the output function of SplitMix64 (Steele, Lea, Flood, *Fast splittable pseudorandom number
//! generators*, OOPSLA'14), a bijection of 64-bit words that turns (run, source, index) into the entity's key, so that no two
//! entities of a source share one. A key fits the customer's record.
//!
//! **Numbers** are wyrand's (Wang Yi's wyhash, final version 4): the place on a sequence of odd steps, times itself with half of
//! its bits turned, as a product of 128 bits whose halves are folded into one word. Key and purpose name the place where
//! the stream starts, and the stream goes on from there. A product costs five instructions where SplitMix64's function
//! costs thirteen, and most streams give one number. Sequences have passed PractRand and BigCrush by their author's account; how they
//! are used here, a few numbers from each of many keys for each of many purposes, is what the tests below hold to.
//! Two of n streams of k numbers overlap somewhere with probability about n²·k/2⁶⁴ (n = 10⁸, k = 10: half a per cent for
//! one pair among all), which no statistic can see.
//!
//! The code is ours so that results do not move when a library changes its own.

use rand::rand_core::TryRng;
use std::convert::Infallible;

const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The step from number to number of a stream.
const STEP: u64 = 0x2D35_8DCC_AA6C_78A5;
/// The bits turned in one of the factors.
const TURNED: u64 = 0x8BB8_4B93_962E_ACC9;

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

    /// The entity's luck at chances.
    #[inline(always)]
    pub fn chances(self) -> Chances {
        const CHANCES: Purpose = Purpose::named("chances");
        Chances(self.stream(CHANCES).bits())
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

/// What decides all chances of one entity: one number of its own, times the purpose's for each chance.
///
/// Taken over all entities, the outcomes of k chances are points of a lattice in k dimensions with 2⁶⁴ points, as are
/// k numbers in a row of a congruential generator; boxes, of which the outcomes of chances are made, have their share
/// of such a lattice far more exactly than of as many independent points. A chance takes one product that waits for no
/// other, and its number is the entity's and the purpose's alone, as that of a stream is.
#[derive(Clone, Copy, Debug)]
pub struct Chances(u64);

impl Chances {
    /// A number for the chance of this purpose, to be compared as a whole: its lower bits are not random.
    #[inline(always)]
    pub fn bits(self, purpose: Purpose) -> u64 {
        self.0.wrapping_mul(purpose.0)
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
        let place = self.state;
        self.state = place.wrapping_add(STEP);
        let product = u128::from(place) * u128::from(place ^ TURNED);
        product as u64 ^ (product >> 64) as u64
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
    fn numbers_are_those_of_wyrand() {
        // As the crate fastrand 2 gives them for this seed; it steps before each number, where we step after it.
        let mut stream = Stream { state: 1_234_567_u64.wrapping_add(STEP) };
        assert_eq!(
            [stream.bits(), stream.bits(), stream.bits()],
            [13_725_641_357_320_173_039, 13_099_500_103_347_697_343, 1_505_849_618_603_060_667]
        );
    }

    #[test]
    fn split_mix_turns_a_counter_into_the_published_sequence() {
        let published = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        for (index, number) in (0..).zip(published) {
            assert_eq!(SourceKey(1_234_567).entity(index), EntityKey(number));
        }
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

    /// Pearson's statistic of equal bins as a number of standard deviations: its cube root is all but normal.
    fn deviation(bins: &[u32]) -> f64 {
        let freedom = (bins.len() - 1) as f64;
        let count = bins.iter().map(|&n| f64::from(n)).sum::<f64>();
        let expected = count / bins.len() as f64;
        let statistic = bins.iter().map(|&n| (f64::from(n) - expected).powi(2)).sum::<f64>() / expected;
        let spread = 2.0 / (9.0 * freedom);
        ((statistic / freedom).cbrt() - (1.0 - spread)) / spread.sqrt()
    }

    #[test]
    fn unit_numbers_across_entities_are_uniform() {
        let run = RunKey::new(1, 0, 0);
        let purpose = Purpose::named("service_time");
        let mut bins = [0u32; 64];
        for index in 0..640_000 {
            let unit = run.entity(Purpose::named("arrivals"), index).stream(purpose).unit();
            bins[(unit * 64.0) as usize] += 1;
        }
        let deviation = deviation(&bins);
        assert!(deviation.abs() < 4.5, "{deviation} standard deviations");
    }

    type Draw = fn(SourceKey, u64) -> [u64; 3];

    /// The numbers of three streams, or of three places on one, for the `index`-th entity of a source: what models draw side
    /// by side.
    const SIDE_BY_SIDE: [(&str, Draw); 6] = {
        const A: Purpose = Purpose::named("kiosk.service_time");
        const B: Purpose = Purpose::named("exam_ordered.chance");
        const C: Purpose = Purpose::named("seen_again.chance");
        [
            ("purposes", |keys, index| {
                let key = keys.entity(index);
                [A, B, C].map(|purpose| key.stream(purpose).bits())
            }),
            ("items of a purpose", |keys, index| {
                let key = keys.entity(index);
                [0, 1, 2].map(|item| key.stream(A.item(item)).bits())
            }),
            ("combined purposes", |keys, index| {
                let key = keys.entity(index);
                [A, Purpose::combined(A, B), Purpose::combined(A, C)]
                    .map(|purpose| key.stream(purpose).bits())
            }),
            ("neighbours", |keys, index| {
                [0, 1, 2].map(|next| keys.entity(3 * index + next).stream(A).bits())
            }),
            ("rounds", |keys, index| {
                let key = keys.entity(index);
                [0, 1, 2].map(|round| key.stream_of_round(A, round).bits())
            }),
            ("draws", |keys, index| {
                let mut stream = keys.entity(index).stream(A);
                [0, 1, 2].map(|_| stream.bits())
            }),
        ]
    };

    /// Bits from the top, from the middle and from the bottom of three numbers side by side, in the boxes of a cube.
    fn check_cubes(run: RunKey, count: u64) {
        const SIDE: u32 = 6;
        for (name, draw) in SIDE_BY_SIDE {
            let keys = run.source(Purpose::named("arrivals"));
            let mut cubes = vec![vec![0_u32; 1 << (3 * SIDE)]; 4];
            for index in 0..count {
                let numbers = draw(keys, index);
                for (cube, shift) in cubes.iter_mut().zip([64 - SIDE, 46, 11, 0]) {
                    let place = numbers
                        .iter()
                        .fold(0, |place, bits| place << SIDE | bits >> shift & ((1 << SIDE) - 1));
                    cube[place as usize] += 1;
                }
            }
            for (cube, part) in cubes.iter().zip(["top", "middle", "lower", "lowest bits"]) {
                // 24 cubes: more than 5 standard deviations once in 70,000 runs of the test.
                let deviation = deviation(cube);
                assert!(deviation.abs() < 5.0, "{name}, {part}: {deviation} standard deviations");
            }
        }
    }

    #[test]
    fn three_numbers_side_by_side_fill_a_cube_evenly() {
        check_cubes(RunKey::new(1, 0, 0), 1 << 21);
    }

    #[test]
    #[ignore = "a minute; for whoever changes the generator"]
    fn a_thousand_million_numbers_side_by_side_fill_a_cube_evenly() {
        check_cubes(RunKey::new(2, 0, 0), 1 << 30);
    }

    #[test]
    fn chances_come_out_together_as_often_as_their_shares_say() {
        let keys = RunKey::new(4, 0, 0).source(Purpose::named("arrivals"));
        let purposes =
            ["not_booked", "payment_due", "pays_in_room", "exam_ordered", "seen_again", "prescription"]
                .map(|name| Purpose::named(&format!("{name}.chance")));
        let mut cube = vec![0_u32; 1 << (3 * purposes.len())];
        for index in 0..1 << 23 {
            let chances = keys.entity(index).chances();
            let place = purposes.iter().fold(0, |place, &purpose| place << 3 | chances.bits(purpose) >> 61);
            cube[place as usize] += 1;
        }
        let deviation = deviation(&cube);
        assert!(deviation.abs() < 5.0, "{deviation} standard deviations");
    }

    #[test]
    fn no_bit_tells_of_a_bit_of_the_number_beside_it() {
        const COUNT: u64 = 1 << 18;
        for (name, draw) in SIDE_BY_SIDE {
            let keys = RunKey::new(3, 0, 0).source(Purpose::named("arrivals"));
            // How often each bit of the first number is that of the second which lies so many places beside it.
            let mut alike = vec![[0_u32; 64]; 64];
            for index in 0..COUNT {
                let [first, second, _] = draw(keys, index);
                for (turn, counts) in alike.iter_mut().enumerate() {
                    let same = !(first ^ second.rotate_left(turn as u32));
                    for (bit, count) in counts.iter_mut().enumerate() {
                        *count += (same >> bit & 1) as u32;
                    }
                }
            }
            let sd = (COUNT as f64).sqrt() / 2.0;
            let farthest = alike
                .as_flattened()
                .iter()
                .map(|&count| (f64::from(count) - COUNT as f64 / 2.0).abs() / sd)
                .fold(0.0, f64::max);
            // Of 6 × 4,096 counts, one beyond 6 standard deviations is to be expected in 20,000 runs of the test.
            assert!(farthest < 6.0, "{name}: {farthest} standard deviations");
        }
    }
}
