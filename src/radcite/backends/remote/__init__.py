"""What lies on other machines: archives of images and services of literature."""
