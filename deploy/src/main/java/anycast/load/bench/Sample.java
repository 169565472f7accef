package anycast.load.bench;

/// What one run of one chain gave.
///
/// @param cpuMicros processor time of all proxy processes for one request, user and system
/// @param watchMicros that part of it which the watchdog's threads had
/// @param canaryMicros that part of it which those had that ask the process from outside
/// @param rate requests a second
/// @param failed requests that did not end with a 2xx
record Sample(
    double cpuMicros,
    double watchMicros,
    double canaryMicros,
    double rate,
    double p50Micros,
    double p99Micros,
    double p999Micros,
    long failed,
    double residentMegabytes) {}
