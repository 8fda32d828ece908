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
