//! The blocked layout, there and back.

use nerveseg_kernels::{Buffer, Size};
use proptest::prelude::*;

use crate::util::{Blocked, Setting, cases, engines, random_maps, settings};

proptest! {
    #![proptest_config(cases(40))]

    #[test]
    fn unblocking_undoes_blocking(setting in settings()) {
        let Setting { size, inputs, threads, seed, .. } = setting;
        let plain = random_maps(inputs, size, seed);
        for engine in engines(threads) {
            let blocked = Blocked::new(&engine, &plain, inputs, size);

            prop_assert_eq!(&blocked.plain(&engine), &plain);
        }
    }
}

#[test]
fn channels_of_a_block_lie_side_by_side() {
    let size = Size {
        batch: 2,
        height: 3,
        width: 5,
    };
    let channels = 19_usize;
    let plain: Vec<f32> = (0_u16..2 * 19 * 15).map(f32::from).collect();
    for engine in engines(2) {
        let lanes = engine.isa().lanes();
        let blocks = channels.div_ceil(lanes);

        let blocked = Blocked::new(&engine, &plain, channels, size);

        let (n, c, y, x) = (1, 17, 2, 3);
        let place = (((n * blocks + c / lanes) * 3 + y) * 5 + x) * lanes + c % lanes;
        let expected = plain[((n * channels + c) * 3 + y) * 5 + x];
        assert_eq!(blocked.data[place..=place], [expected]);
    }
}

#[test]
fn a_grown_buffer_ends_in_zeros() {
    let mut buffer = Buffer::from_slice(&[1.0; 40]);

    buffer.resize(3);
    buffer.resize(90);

    assert_eq!(buffer.as_slice()[..3], [1.0; 3]);
    assert!(buffer.as_slice()[3..].iter().all(|v| *v == 0.0));
}
