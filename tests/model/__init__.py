"""What the product promises of money, said a second time in plain Python.

`prices`, `world`, `movements` and `product` are the model: nothing of the product is
used there. It is slow and simple where the product is quick: a limit adds up all that
was ever done, a hold's share is reckoned anew, and a request that is refused half-way
has worked on a copy.

`told` is the product in the words of the model, `draws` is what random work is made
of, and `bench` asks both and compares them; `tests/test_stateful.py` lets them work.
"""
