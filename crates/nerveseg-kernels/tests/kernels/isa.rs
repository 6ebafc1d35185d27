//! The instruction sets of this machine, and what belongs to one of them.

use nerveseg_kernels::{
    Algorithm, Convolution, Finish, ImageConvolution, Isa, PointwiseConvolution, Size,
    StridedConvolution, TransposedConvolution, TransposedKernel,
};

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
        let (kernel, channels) = (TransposedKernel::ThreeByThree, [16, 16]);
        let transposed =
            TransposedConvolution::new(packer, kernel, channels, &weights, None).unwrap();
        let strided = StridedConvolution::adjoint(packer, kernel, channels, &weights).unwrap();
        let pointwise = PointwiseConvolution::new(packer, channels, &weights[..256], None).unwrap();
        let image = ImageConvolution::new(packer, channels, &weights, None).unwrap();
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
            user.convolve_transposed(&transposed, input.maps(), large.maps_mut(), size),
            user.convolve_strided(&strided, large.maps(), output.maps_mut(), size),
            user.convolve_pointwise(&pointwise, input.maps(), output.maps_mut(), size),
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
