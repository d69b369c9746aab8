/*
 * For User-Mode Linux before 6.9 on a CPU whose extended state is larger than the 2,696 bytes it keeps (AMX: 11 KB).
 * The host's kernel takes back the whole state or nothing, so a guest that gives it part of it dies at its first process.
 * Loaded in front of the C library, this puts what the guest gives in front of what the process has.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

static char whole[1 << 16];

long ptrace(enum __ptrace_request request, ...) {
	static long (*next)(enum __ptrace_request, ...);
	va_list arguments;
	va_start(arguments, request);
	int pid = va_arg(arguments, int);
	void *address = va_arg(arguments, void *), *data = va_arg(arguments, void *);
	va_end(arguments);
	if (!next)
		next = (long (*)(enum __ptrace_request, ...))dlsym(RTLD_NEXT, "ptrace");
	if (request != PTRACE_SETREGSET || (unsigned long)address != NT_X86_XSTATE)
		return next(request, pid, address, data);
	struct iovec *given = data, all = {.iov_base = whole, .iov_len = sizeof whole};
	long result = next(PTRACE_GETREGSET, pid, address, &all);
	if (result < 0)
		return result;
	if (given->iov_len < all.iov_len)
		memcpy(whole, given->iov_base, given->iov_len);
	else
		all = *given;
	return next(request, pid, address, &all);
}
