/// x
package anycast.ctl;
