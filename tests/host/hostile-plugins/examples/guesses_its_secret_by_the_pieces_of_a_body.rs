//! Has each letter said back at the end of a body, and tells those that came in a piece of their own: a host that holds back
//! what may begin a secret, and nothing else, tells the secret byte by byte.

hostile_plugins::plugin!(|call| {
    let mut found = String::new();
    for letter in 'a'..='z' {
        let guess = format!("is it {letter}");
        let response = Request::post(call.base_url(), &[&guess]).bearer(call.token()).send()?;
        if response.pieces.last() == Some(&1) {
            found.push(letter);
        }
    }
    succeeded(found)
});
