package anycast.load.bench;

import java.util.List;

/// One kind of load.
///
/// @param name what `--only` and the table call it
/// @param http2 how clients speak; else HTTP/1.1 with keep-alive
/// @param uri absolute; the connection goes to the chain's edge whatever the name
/// @param uploadBytes size of the request's body, 0 for a GET
/// @param connections how many clients
/// @param streams requests in flight on each
/// @param fixedRate whether it also runs at half of the slowest chain's rate
record BenchCase(
    String name,
    boolean http2,
    String uri,
    long uploadBytes,
    int connections,
    int streams,
    boolean fixedRate) {

  static final List<BenchCase> ALL =
      List.of(
          new BenchCase("small-h1", false, "https://localhost/small", 0, 64, 1, true),
          new BenchCase("small-h2", true, "https://localhost/small", 0, 16, 10, true),
          new BenchCase("large-h1", false, "https://localhost/large", 0, 32, 1, true),
          new BenchCase("large-h2", true, "https://localhost/large", 0, 8, 4, true),
          new BenchCase(
              "upload-h1", false, "https://upload.bench.test/upload", 10_000_000, 4, 1, false),
          new BenchCase(
              "upload-h2", true, "https://upload.bench.test/upload", 10_000_000, 4, 1, false));
}
