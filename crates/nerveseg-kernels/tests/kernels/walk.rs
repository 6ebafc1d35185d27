//! The way through the network, step by step.

use std::convert::Infallible;

use nerveseg_kernels::walk::{
    Block, BlockInput, HEAD, Input, Interpreter, PRESENCE, Up, Wiring, walk,
};

/// Writes down every step with what it was given.
struct Names(Vec<String>);

impl Names {
    fn step(&mut self, name: &str, given: &[&String]) -> String {
        let given: Vec<&str> = given.iter().map(|given| given.as_str()).collect();
        self.0.push(format!("{name}({})", given.join(", ")));
        name.to_owned()
    }
}

impl Interpreter for Names {
    type Image = String;
    type Maps = String;
    type Logits = String;
    type Presence = String;
    type Error = Infallible;

    fn down(
        &mut self,
        block: Block,
        input: BlockInput<Self>,
    ) -> Result<(String, String), Infallible> {
        let skip = self.block(block, input)?;
        let pooled = self.step(&format!("pool {block}"), &[&skip]);
        Ok((skip, pooled))
    }

    fn block(&mut self, block: Block, input: BlockInput<Self>) -> Result<String, Infallible> {
        let (Input::Image(input) | Input::Maps(input)) = input;
        Ok(self.step(&block.to_string(), &[&input]))
    }

    fn dropout(&mut self, maps: String) -> Result<String, Infallible> {
        Ok(format!("dropped {maps}"))
    }

    fn presence(&mut self, maps: &String) -> Result<String, Infallible> {
        Ok(self.step(PRESENCE, &[maps]))
    }

    fn up(&mut self, up: Up, maps: String) -> Result<String, Infallible> {
        Ok(self.step(&up.to_string(), &[&maps]))
    }

    fn join(&mut self, up: Up, skip: String, maps: String) -> Result<String, Infallible> {
        Ok(self.step(&format!("join {up}"), &[&skip, &maps]))
    }

    fn head(&mut self, maps: String) -> Result<String, Infallible> {
        Ok(self.step(HEAD, &[&maps]))
    }
}

#[test]
fn every_step_comes_once_and_is_given_what_the_figure_shows() {
    let mut names = Names(Vec::new());
    let wiring = Wiring {
        depth: 2,
        presence: true,
    };

    let Ok(outputs) = walk(wiring, &mut names, "image".to_owned());

    assert_eq!(outputs.logits, "head");
    assert_eq!(outputs.presence.as_deref(), Some("presence"));
    assert_eq!(
        names.0,
        [
            "encoder.0(image)",
            "pool encoder.0(encoder.0)",
            "encoder.1(dropped pool encoder.0)",
            "pool encoder.1(encoder.1)",
            "bottleneck(dropped pool encoder.1)",
            "presence(bottleneck)",
            "up.0(bottleneck)",
            "join up.0(encoder.1, up.0)",
            "decoder.0(dropped join up.0)",
            "up.1(decoder.0)",
            "join up.1(encoder.0, up.1)",
            "decoder.1(dropped join up.1)",
            "head(decoder.1)",
        ]
    );
}

#[test]
fn blocks_know_their_level() {
    let level = |block: Block| block.level();

    assert_eq!(level(Block::Encoder { level: 1 }), 1);
    assert_eq!(level(Block::Bottleneck { level: 4 }), 4);
    assert_eq!(level(Block::Decoder { index: 0, level: 3 }), 3);
}
