"""A conformance kit for software that speaks VXP and edXML, whoever made it.

``try_axis`` plays clients against an axis and judges its answers; a small axis with a scripted counterpart
(``host.Host``) judges the software that connects to it. Stands on the libraries and on the pure rules of ``axis``;
knows no Django and no database, so it runs wherever the package is installed. Refuses to serve in earnest.
"""
