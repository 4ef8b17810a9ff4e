//! Pictures drawn by code: real PNG files, each different, of about any size.

/// The picture with this number: rings in a color of its own, with grain, so that no two rows are alike.
pub fn draw(number: usize, bytes: u64) -> Vec<u8> {
    let side = ((bytes as f64 / 3.0).sqrt() as u32).clamp(1, 8192);
    let mut pixels = Vec::with_capacity(side as usize * side as usize * 3);
    let mut grain = number as u32 ^ 0x9e37_79b9;
    let center = f64::from(side) / 2.0;
    for y in 0..side {
        for x in 0..side {
            // Marsaglia's xorshift: as good as any grain, and the same on every machine.
            grain ^= grain << 13;
            grain ^= grain >> 17;
            grain ^= grain << 5;
            let distance = (f64::from(x) - center).hypot(f64::from(y) - center);
            let ring = (distance / (4.0 + number as f64 % 7.0)).sin() * 90.0 + 130.0;
            let turn = number * 40 % 256;
            for (channel, shift) in [(0, 0), (1, 85), (2, 170)] {
                let tint = ((turn + shift) % 256) as f64 / 4.0;
                pixels.push((ring + tint + f64::from(grain >> (channel * 4) & 15)) as u8);
            }
        }
    }
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, side, side);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    // Grain does not pack, and without packing the size is the one that was asked for.
    encoder.set_compression(png::Compression::NoCompression);
    let written = encoder.write_header().and_then(|mut writer| writer.write_image_data(&pixels));
    debug_assert!(written.is_ok(), "a vector takes everything, and the size is the header's");
    file
}

pub fn name(number: usize) -> String {
    format!("image-{number:02}.png")
}
