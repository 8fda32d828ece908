// What Swift's Glibc overlay lacks: epoll, eventfd, signalfd, accept4 and the socket options beside them.
#pragma once
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

// glibc hides these without _GNU_SOURCE, and with it the socket calls take transparent unions, which Swift cannot pass.
int accept4(int descriptor, struct sockaddr *address, socklen_t *length, int flags);
const char *strerrordesc_np(int code);
int pthread_setname_np(pthread_t thread, const char *name);

// Members of an enum whose width differs between architectures, as the type `events` has.
static const unsigned int CSYSTEM_EPOLLIN = EPOLLIN;
static const unsigned int CSYSTEM_EPOLLOUT = EPOLLOUT;
static const unsigned int CSYSTEM_EPOLLERR = EPOLLERR;
static const unsigned int CSYSTEM_EPOLLHUP = EPOLLHUP;
static const unsigned int CSYSTEM_EPOLLEXCLUSIVE = EPOLLEXCLUSIVE;

// recv and send without glibc's provision for threads that are cancelled, of which there are none: where a process has
// more than one thread it costs two more function calls each time.
static inline ssize_t csystem_recv(int descriptor, void *buffer, size_t count) {
    return syscall(SYS_recvfrom, descriptor, buffer, count, 0, NULL, NULL);
}

static inline ssize_t csystem_send(int descriptor, const void *bytes, size_t count) {
    return syscall(SYS_sendto, descriptor, bytes, count, MSG_NOSIGNAL, NULL, 0);
}
