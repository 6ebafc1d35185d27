//! The instruction sets of this machine, and what belongs to one of them.

use nerveseg_kernels::{Algorithm, Convolution, Finish, Isa, Size, TapConvolution, TapKind};

use crate::util::{Blocked, engines};

#[test]
fn the_fastest_set_comes_first_and_plain_rust_last() {
    let sets = Isa::available();

    println!("instruction sets: {sets:?}");
    assert_eq!(sets[0], Isa::best());
    assert_eq!(sets.last().map(|isa| isa.name()), Some("portable"));
    assert!(sets.iter().all(|isa| isa.lanes().is_multiple_of(8)));
}

#[test]
fn weights_packed_for_another_set_are_refused() {
    let engines = engines(1);
    let size = Size {
        batch: 2,
        height: 6,
        width: 5,
    };
    for (packer, user) in engines
        .iter()
        .flat_map(|a| engines.iter().map(move |b| (a, b)))
    {
        let shape = (&[16][..], 16);
        let weights = vec![0.0; 16 * 16 * 9];
        let convolution =
            Convolution::new(packer, shape, &weights, None, size, Algorithm::Auto).unwrap();
        let kind = TapKind::Transposed3x3;
        let taps = TapConvolution::new(packer, kind, [16, 16], &weights, None).unwrap();
        let image = TapConvolution::new(packer, TapKind::Image, [16, 16], &weights, None).unwrap();
        let input = Blocked::fresh(user, 16, size);
        let mut output = Blocked::fresh(user, 16, size);
        let mut large = Blocked::fresh(user, 16, size.doubled());

        let results = [
            user.convolve(
                &convolution,
                &[input.maps()],
                &mut [output.maps_mut()],
                Finish::default(),
            ),
            user.convolve_taps(&taps, input.maps(), large.maps_mut(), size),
            user.convolve_image(&image, &[0.0; 16 * 60], output.maps_mut(), size),
        ];

        for result in results {
            if packer.isa() == user.isa() {
                result.unwrap();
            } else {
                let message = result.unwrap_err().to_string();
                assert_eq!(
                    message,
                    format!("packed for {}, used on {}", packer.isa(), user.isa())
                );
            }
        }
    }
}
