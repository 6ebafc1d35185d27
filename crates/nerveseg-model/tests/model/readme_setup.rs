// What the example of the README finds in its folder: an untrained network and a blank frame.
{
    use nerveseg_model::*;

    let folder = std::env::temp_dir().join("nerveseg-readme");
    std::fs::create_dir_all(&folder)?;
    std::env::set_current_dir(&folder)?;
    let config = UNetConfig {
        features: vec![4, 8],
        ..UNetConfig::small()
    };
    let unet = config.init(1, &DeviceSpec::Cpu.open()?.device)?;
    let preprocess = Preprocess {
        height: 32,
        width: 44,
        normalisation: Normalisation::PerImage,
    };
    let manifest = Manifest::new(
        config,
        preprocess,
        Postprocess::default(),
        Provenance::default(),
    );
    artifact::save("model.safetensors".as_ref(), &weights::collect(&unet), &manifest)?;
    image::GrayImage::new(58, 42).save("frame.png")?;
}
