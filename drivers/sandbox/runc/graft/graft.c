/*
 * graft PID: shows a folder of the host in the running sandbox whose first process is PID. It opens that sandbox's mounts
 * at once, says "ready", and waits; a line on its standard input names the folder, which then appears at /var/task,
 * read-only, as runc would have bound it there. Says "grafted" and ends; ends silently when its input does.
 * graft FOLDER: only tries whether this kernel can, as far as that goes without a sandbox.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define TARGET "/var/task"
#define PRIVATE (1 << 18)

static int fail(const char *what) {
  fprintf(stderr, "%s: %s\n", what, strerror(errno));
  return 1;
}

int main(int count, char **words) {
  char path[4096];
  struct mount_attr attributes = {
      .attr_set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
      .propagation = PRIVATE,
  };
  if (count != 2) return 2;
  if (words[1][0] == '/') {
    int tree = syscall(SYS_open_tree, AT_FDCWD, words[1], OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC);
    if (tree < 0) return fail("open_tree");
    return syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) ? fail("mount_setattr") : 0;
  }
  snprintf(path, sizeof path, "/proc/%s/ns/mnt", words[1]);
  int mounts = open(path, O_RDONLY | O_CLOEXEC);
  if (mounts < 0) return fail("the sandbox's mounts");
  if (write(1, "ready\n", 6) != 6) return fail("its own output");
  if (!fgets(path, sizeof path, stdin)) return 0;
  path[strcspn(path, "\n")] = 0;
  int tree = syscall(SYS_open_tree, AT_FDCWD, path, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_SYMLINK_NOFOLLOW);
  if (tree < 0) return fail(path);
  if (syscall(SYS_mount_setattr, tree, "", AT_EMPTY_PATH, &attributes, sizeof attributes) != 0) return fail("read-only");
  /* From here on paths are the sandbox's. Its root is read-only and nobody's code has run in it. */
  if (setns(mounts, CLONE_NEWNS) != 0) return fail("entering the sandbox's mounts");
  if (syscall(SYS_move_mount, tree, "", AT_FDCWD, TARGET, MOVE_MOUNT_F_EMPTY_PATH) != 0) return fail(TARGET);
  return write(1, "grafted\n", 8) == 8 ? 0 : fail("its own output");
}
