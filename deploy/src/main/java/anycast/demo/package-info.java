/// A two-region fleet on one machine, to try and to test the real processes with, and the apps that
/// it serves.
///
/// May import everything: nothing imports it.
package anycast.demo;
