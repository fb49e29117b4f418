import { defineErrors } from "@holdfast/base/errors/holdfast-error";

/** Why a durable log cannot be opened or written. */
export const storeErrors = defineErrors({
  STORE_FORMAT_NEWER: {
    message:
      'Cannot open "{dir}": it was written in format {found}, this version reads up to format {known}. It was left as it is; start the newer version, or give another data directory',
    fault: "caller",
    retry: "never",
  },
  STORE_FORMAT_UNREADABLE: {
    message: 'Cannot open "{dir}": its file FORMAT does not hold a format number. It was left as it is',
    fault: "us",
    retry: "never",
  },
  STORE_CORRUPT: {
    message:
      'Cannot open "{file}": the record at byte {at} is damaged and records follow it. It was left as it is; restore the file or the directory from a copy',
    fault: "us",
    retry: "never",
  },
  STORE_LOCKED: {
    message: 'Cannot open "{dir}": the process {pid} has it open. Stop it first, or give another data directory',
    fault: "caller",
    retry: "later",
  },
  STORE_WRITE_FAILED: {
    message:
      "Cannot write the change: {why}. Nothing was stored; reads go on, and writes as soon as the disk takes them again",
    fault: "us",
    retry: "later",
  },
  STORE_RECORD_TOO_LARGE: {
    message: "Cannot write the change: its record has {bytes} bytes, the limit is {limit}",
    fault: "caller",
    retry: "never",
  },
  STORE_CLOSED: { message: "Cannot write the change: the store is closed", fault: "us", retry: "never" },
});
