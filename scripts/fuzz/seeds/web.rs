//! What a browser and a client of the Open Inference Protocol send.

pub(crate) fn forms(pictures: &[Vec<u8>]) -> Vec<Vec<u8>> {
    let picture = &pictures[0];
    let field = |head: &str, content: &[u8]| {
        let head = format!("--b\r\nContent-Disposition: form-data; {head}\r\n\r\n");
        [head.as_bytes(), content, b"\r\n"].concat()
    };
    let image = field("name=\"image\"; filename=\"frame.png\"", picture);
    let note = field("name=\"note\"", b"hello");
    let unnamed = field("name=\"image\"; filename*=UTF-8''%e2%82%ac.png", b"");
    [
        vec![&image],
        vec![&note, &image],
        vec![&image, &image],
        vec![&unnamed],
    ]
    .into_iter()
    .map(|fields| {
        let mut form = b"multipart/form-data; boundary=b\n".to_vec();
        fields.iter().for_each(|field| form.extend(*field));
        form.extend(b"--b--\r\n");
        form
    })
    .collect()
}

pub(crate) fn tensors() -> Vec<Vec<u8>> {
    let request = |input: &str, rest: &str, tail: &[u8]| {
        let json = format!(
            r#"{{"id":"7","inputs":[{{"name":"image","datatype":"UINT8",{input}}}]{rest}}}"#
        );
        let length = (json.len() as u16).to_le_bytes();
        [&length[..], json.as_bytes(), tail].concat()
    };
    let outputs = r#","outputs":[{"name":"mask","parameters":{"binary_data":true}}]"#;
    let binary = r#","parameters":{"binary_data_output":true}"#;
    vec![
        request(r#""shape":[2,3],"data":[0,50,100,150,200,250]"#, "", b""),
        request(
            r#""shape":[2,3],"data":[[0,50,100],[150,200,250]]"#,
            outputs,
            b"",
        ),
        request(
            r#""shape":[2,3],"parameters":{"binary_data_size":6}"#,
            binary,
            b"abcdef",
        ),
    ]
}
