"""Libcloud's Atmos driver against a server: writes and reads what the job says. Prints JSON."""

import json
import sys

from libcloud.storage.drivers.ninefold import NinefoldStorageDriver

job = json.loads(sys.argv[1])
driver = NinefoldStorageDriver(job["user"], job["key"], secure=False, host="127.0.0.1", port=job["port"])
result = {}

if job["action"] == "write":
    container = driver.create_container(job["container"])
    for name in job["names"]:
        path = job["file"]
        driver.upload_object(path, container, name, extra={"content_type": "text/x-libcloud", "meta_data": {"who": "libcloud"}})
    result["containers"] = [one.name for one in driver.list_containers()]
elif job["action"] == "read":
    for name in job["names"]:
        item = driver.get_object(job["container"], name)
        # Its streams never end.
        assert driver.download_object(item, job["file"], overwrite_existing=True)
        with open(job["file"]) as handle:
            result[name] = {"size": item.size, "hash": item.hash, "text": handle.read(), "meta": item.meta_data}
    container = driver.get_container(job["container"])
    result["listed"] = sorted(one.name for one in driver.list_container_objects(container))
elif job["action"] == "delete":
    for name in job["names"]:
        driver.delete_object(driver.get_object(job["container"], name))
    driver.delete_container(driver.get_container(job["container"]))

print(json.dumps(result))
