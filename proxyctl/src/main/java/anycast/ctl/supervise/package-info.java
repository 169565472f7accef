/// A supervisor for hosts without systemd, with systemd's own protocol: it holds the listening
/// sockets, starts, watches, kills and restarts. Imports of the product `posix`, `runtime`,
/// `watchdog` and `time`; nothing of the data path and nothing of the other commands.
package anycast.ctl.supervise;
