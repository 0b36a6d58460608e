// Moves the wall clock of a process under test: preloaded, it adds the seconds at the start of the file that DIRECT_WALL_CLOCK names to
// every reading of CLOCK_REALTIME, and the seconds behind them to CLOCK_BOOTTIME. The file is mapped, so a change is seen at once. The
// monotonic clock stays as it is.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile const int64_t *offset;

__attribute__((constructor)) static void map_offset(void)
{
    const char *path = getenv("DIRECT_WALL_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0)
        return;
    void *map = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    close(file);
    if (map != MAP_FAILED)
        offset = map;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int result = (int)syscall(SYS_clock_gettime, clock, now);
    if (result == 0 && offset && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        now->tv_sec += offset[0];
    if (result == 0 && offset && clock == CLOCK_BOOTTIME)
        now->tv_sec += offset[1];
    return result;
}

#ifdef __GLIBC__
// Where a program asks for clock_gettime by its name, as .NET does for a method that is imported.
void *dlsym(void *restrict handle, const char *restrict name)
{
    static void *(*system_dlsym)(void *, const char *);
    const char *versions[] = {"GLIBC_2.34", "GLIBC_2.17", "GLIBC_2.2.5"};
    for (int i = 0; !system_dlsym && i < 3; i++)
        *(void **)&system_dlsym = dlvsym(RTLD_NEXT, "dlsym", versions[i]);
    return strcmp(name, "clock_gettime") == 0 ? (void *)clock_gettime : system_dlsym(handle, name);
}
#endif

int gettimeofday(struct timeval *now, void *zone)
{
    struct timespec precise;
    (void)zone;
    int result = clock_gettime(CLOCK_REALTIME, &precise);
    now->tv_sec = precise.tv_sec;
    now->tv_usec = precise.tv_nsec / 1000;
    return result;
}

time_t time(time_t *into)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (into)
        *into = now.tv_sec;
    return now.tv_sec;
}
