/* The checkpoint interface of NVIDIA's driver without a GPU: the state of a process is a file named after it in $FAKE_CUDA, which must exist for the
   process to hold CUDA state. `$FAKE_CUDA/fail.STEP.PID` makes a step answer the error in it, `$FAKE_CUDA/slow.STEP` makes it wait a second. Each step is
   appended to `$FAKE_CUDA/log`. States and errors as recorded from driver 580.159 (running 0, locked 1, checkpointed 2; 3, 401, 801). */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static FILE *at(const char *form, const char *step, int pid, const char *mode) {
    char path[4096], name[64];
    snprintf(name, sizeof name, form, step, pid);
    snprintf(path, sizeof path, "%s/%s", getenv("FAKE_CUDA"), name);
    return fopen(path, mode);
}

static int read_state(int pid) {
    int value = -1;
    FILE *file = at("%s%d", "", pid, "r");
    if (!file) return -1;
    if (fscanf(file, "%d", &value) != 1) value = -1;
    fclose(file);
    return value;
}

static int step(const char *name, int pid, int from, int to) {
    int error = 0;
    FILE *file = at("log%s%.0d", "", 0, "a");
    if (file) { fprintf(file, "%s %d\n", name, pid); fclose(file); }
    if ((file = at("slow.%s", name, pid, "r"))) { fclose(file); usleep(1000000); }
    if ((file = at("fail.%s.%d", name, pid, "r"))) { if (fscanf(file, "%d", &error) != 1) error = 999; fclose(file); return error; }
    int state = read_state(pid);
    if (state < 0) return 3;
    if (state != from) return 401;
    if (!(file = at("%s%d", "", pid, "w"))) return 999;
    fprintf(file, "%d", to);
    fclose(file);
    return 0;
}

int cuCheckpointProcessGetState(int pid, int *state) {
    int value = read_state(pid);
    if (value < 0) return 3;
    *state = value;
    return 0;
}
int cuCheckpointProcessLock(int pid, void *arguments) { return step("lock", pid, 0, 1); }
int cuCheckpointProcessCheckpoint(int pid, void *arguments) { return step("checkpoint", pid, 1, 2); }
int cuCheckpointProcessRestore(int pid, void *arguments) { return step("restore", pid, 2, 1); }
int cuCheckpointProcessUnlock(int pid, void *arguments) { return step("unlock", pid, 1, 0); }
int cuGetErrorName(int error, const char **name) {
    *name = error == 801 ? "CUDA_ERROR_NOT_SUPPORTED" : error == 3 ? "CUDA_ERROR_NOT_INITIALIZED" : error == 401 ? "CUDA_ERROR_ILLEGAL_STATE" : "CUDA_ERROR_UNKNOWN";
    return 0;
}
